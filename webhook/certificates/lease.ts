// Who among the replicas renews: the holder of a Lease, as long as it renews that too.
// https://kubernetes.io/docs/concepts/architecture/leases

export const LEASE_SECONDS = 30;

export interface HeldLease {
  holder: string | undefined;
  renewedAt: Date | undefined;
}

export type LeaseState = "mine" | "free" | "taken";

export function leaseState(lease: HeldLease | undefined, identity: string, now: Date): LeaseState {
  if (lease?.holder === identity) return "mine";
  if (!lease?.holder || lease.renewedAt === undefined) return "free";
  return now.getTime() > lease.renewedAt.getTime() + LEASE_SECONDS * 1000 ? "free" : "taken";
}
