// What the API server says no with.

import { ApiException } from "@kubernetes/client-node";

export const NOT_FOUND = 404;
export const CONFLICT = 409;

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof ApiException && error.code === status;
}

/** Undefined where there is no such object. */
export async function ifFound<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isStatus(error, NOT_FOUND)) return undefined;
    throw error;
  }
}
