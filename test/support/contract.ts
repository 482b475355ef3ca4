import { type Clock, systemClock } from '../../shared/kernel/clock.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { type Claims, claims } from './suite.ts'
import { until } from './until.ts'

export type Tools = Readonly<{
  /** Real time: databases have their own clocks, which no test can turn. */
  clock: Clock
  until: typeof until
}>

export type Sentences<Port> = Readonly<
  Record<string, (port: Port, tools: Tools) => Promise<void> | void>
>

const prove = async <Port extends Closable>(
  open: () => Promise<Port>,
  claim: Sentences<Port>[string],
): Promise<void> => {
  const port = await open()
  try {
    await claim(port, { clock: systemClock, until })
  } catch (error) {
    await port.close().catch(() => {}) // The broken claim is the news, not what it left behind.
    throw error
  }
  await port.close()
}

/**
 * What every adapter of a port keeps: sentences that know no adapter. The result registers them for
 * one adapter; `open` is called inside each claim and must give a port without content.
 */
export const contract =
  <Port extends Closable>(name: string, sentences: Sentences<Port>) =>
  (adapter: string, open: () => Promise<Port>): void => {
    const proofs: Claims = Object.fromEntries(
      Object.entries(sentences).map(([sentence, claim]) => [sentence, () => prove(open, claim)]),
    )
    claims(`${name}, ${adapter}`, proofs)
  }
