import { readdirSync, readFileSync } from 'node:fs'

type Told = Readonly<{ parent: number; ticks: number }>

/** What Linux counts in a second. */
const ticksPerSecond = 100

/** Of one process: its parent, and the time of a processor that it and its ended children took. */
const toldOf = (pid: string): readonly [number, Told][] => {
  try {
    // The name of a program may have blanks and brackets; what follows it has none.
    const rest = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? ''
    const [, parent = 0, ...others] = rest.split(' ').map(Number)
    const [own = 0, kernel = 0, children = 0, theirKernel = 0] = others.slice(9)
    return [[Number(pid), { parent, ticks: own + kernel + children + theirKernel }]]
  } catch {
    return [] // It has ended in between.
  }
}

const processesOfLinux = (): ReadonlyMap<number, Told> => {
  try {
    return new Map(
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .flatMap(toldOf),
    )
  } catch {
    return new Map()
  }
}

/**
 * Seconds of a processor that this process has taken, and all that it has started: those at work,
 * and those that have ended. Where there is no /proc, its own alone.
 */
export const processorSeconds = (): number => {
  const all = processesOfLinux()
  if (!all.has(process.pid)) {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
  const isOurs = (pid: number): boolean => {
    for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) if (at === process.pid) return true
    return false
  }
  const ours = [...all].filter(([pid]) => isOurs(pid)).map(([, { ticks }]) => ticks)
  return ours.reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond
}
