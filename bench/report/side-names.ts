// Sides by the names that results have them under.

export const HOST_NAME = "host procfs";
export const PROCVIEW_NAME = "procview";
export const PROCVIEW_0_NAME = "procview, freshness 0";
export const LXCFS_NAME = "lxcfs";
export const FUSE_NATIVE_NAME = "fuse-native";
