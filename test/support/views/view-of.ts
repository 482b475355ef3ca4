import type { RevocationKey } from '../../../shared/kernel/ids.ts'
import type { Fleet } from '../processes/fleet.ts'

/** Whether the fleet's blacklist view has an entry of this key. */
export const isInView = async (fleet: Fleet, key: string): Promise<boolean> => {
  const view = (await fleet.backends()).view()
  return (await view.find([key as RevocationKey])).length === 1
}
