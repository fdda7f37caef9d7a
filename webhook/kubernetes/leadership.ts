// Leader election: whoever holds the Lease leads. Replicas that write at once are told apart by its resourceVersion.

import { type CoordinationV1Api, type V1Lease, V1MicroTime } from "@kubernetes/client-node";
import { LEASE_SECONDS, leaseState } from "../certificates/lease.ts";
import type { SelfCertificateOptions } from "../certificates/self-certificate.ts";
import { CONFLICT, ifFound, isStatus } from "./errors.ts";

export function leadership(
  api: CoordinationV1Api,
  namespace: string,
  name: string,
  identity: string,
): SelfCertificateOptions["leadership"] {
  return {
    async isMine() {
      const lease = await ifFound(api.readNamespacedLease({ namespace, name }));
      const now = new Date();
      if (leaseState(heldOf(lease), identity, now) === "taken") return false;
      return await written(async () => {
        const body = leaseOf(lease, { namespace, name, identity, now });
        if (lease === undefined) await api.createNamespacedLease({ namespace, body });
        else await api.replaceNamespacedLease({ namespace, name, body });
      });
    },
  };
}

function heldOf(lease: V1Lease | undefined): Parameters<typeof leaseState>[0] {
  const { holderIdentity, renewTime } = lease?.spec ?? {};
  return {
    holder: holderIdentity,
    renewedAt: renewTime === undefined ? undefined : new Date(renewTime),
  };
}

function leaseOf(
  lease: V1Lease | undefined,
  { namespace, name, identity, now }: { namespace: string; name: string; identity: string; now: Date },
): V1Lease {
  const stays = lease?.spec?.holderIdentity === identity;
  const time = new V1MicroTime(now);
  return {
    metadata: lease?.metadata ?? { namespace, name },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: LEASE_SECONDS,
      acquireTime: stays && lease?.spec?.acquireTime !== undefined ? lease.spec.acquireTime : time,
      renewTime: time,
      leaseTransitions: (lease?.spec?.leaseTransitions ?? 0) + (stays ? 0 : 1),
    },
  };
}

async function written(write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isStatus(error, CONFLICT)) return false;
    throw error;
  }
}
