import type { Dice } from '../fakes/dice.ts'
import type { Site } from './site.ts'
import { Watcher } from './watcher.ts'

/** Who watches each door. */
export type Doors = Readonly<{ guards: readonly Watcher[]; gateways: readonly Watcher[] }>

export const doorsOf = (site: Site, dice: Dice, onViolation: (said: string) => void): Doors => {
  const watcher = (name: 'gateway-1' | 'gateway-2' | 'guard-kafka' | 'guard-sse'): Watcher => {
    const service = site.services.get(name)
    if (!service) throw new Error(`there is no ${name}`)
    const knowsAtOnce = name.startsWith('gateway')
    const path = knowsAtOnce ? '/me' : '/orders'
    return new Watcher({ service, path, knowsAtOnce }, dice, onViolation)
  }
  return {
    guards: [watcher('guard-kafka'), watcher('guard-sse')],
    gateways: [watcher('gateway-1'), watcher('gateway-2')],
  }
}
