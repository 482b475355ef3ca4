import { setPassword } from '../../../services/gateway/accounts/index.ts'
import { appendCutoff } from '../../../services/gateway/revocations/append-cutoff.ts'
import {
  type Delivery,
  type DeliveryDeps,
  deliver,
} from '../../../services/gateway/revocations/index.ts'

/** Appends a cutoff as a route does, and waits until the log has it. */
export const appendAndDeliverCutoff = async (
  deps: Parameters<typeof appendCutoff>[0] & DeliveryDeps,
  cutoff: Parameters<typeof appendCutoff>[1],
): Promise<Delivery> => deliver(deps, await appendCutoff(deps, cutoff))

/** Sets a password as an administrator does, and waits until the log has its cutoff. */
export const changePassword = async (
  deps: Parameters<typeof setPassword>[0] & DeliveryDeps,
  sub: Parameters<typeof setPassword>[1],
  password: string,
): Promise<Delivery> => deliver(deps, await setPassword(deps, sub, password))
