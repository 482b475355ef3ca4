const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

export const count = (value: number): string => numbers.format(value)
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

const short = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10)

/** `1.2 ms`, `340 ms`, `4.5 s`, `3 min`, `2 h`, `9 d` */
export const duration = (ms: number | null): string => {
  if (ms === null) return '–'
  if (ms < 1_000) return `${short(ms)} ms`
  if (ms < 60_000) return `${short(ms / 1_000)} s`
  if (ms < 3_600_000) return `${short(ms / 60_000)} min`
  if (ms < 86_400_000) return `${short(ms / 3_600_000)} h`
  return `${short(ms / 86_400_000)} d`
}

export const rate = (perSecond: number): string => `${short(perSecond)} /s`

/** The beginning of a long id; short ones whole. */
export const shortId = (id: string): string => (id.length > 16 ? `${id.slice(0, 10)}…` : id)

/** A browser and a system, of what a browser says of itself; all of it where it is another text. */
export const agentName = (agent: string): string => {
  const browsers = [/(Edg|OPR)\/(\d+)/, /(Firefox|Chrome)\/(\d+)/, /(Version)\/(\d+).*Safari/]
  const found = browsers.map((one) => one.exec(agent)).find((match) => match !== null)
  const names: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', Version: 'Safari' }
  const system = /(Windows|Android|iPhone|iPad|Mac OS|Linux)/.exec(agent)?.[1]
  if (!found || !system) return agent
  return `${names[found[1] ?? ''] ?? found[1]} ${found[2]}, ${system}`
}
