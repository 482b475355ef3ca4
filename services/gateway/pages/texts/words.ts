import type { EpochMs } from '../../../../shared/kernel/ids.ts'
import type { TextName } from './english.ts'
import type { Language } from './read-texts.ts'

/** What a page says in one language. */
export type Words = Readonly<{
  language: Language
  /** A text, with what belongs into its braces. It is text, and escaped like any other. */
  say: (name: TextName, filled?: Readonly<Record<string, string>>) => string
  /** "5 minutes". */
  wait: (ms: number) => string
  /** "5 minutes ago", and from a week on the date. */
  ago: (at: EpochMs, now: EpochMs) => string
  /** The day and the time, in UTC: without a script nobody knows where the reader is. */
  instant: (at: EpochMs) => string
}>

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const
const weekMs = 7 * 86_400_000

const filledIn = (text: string, filled: Readonly<Record<string, string>>): string =>
  text.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(filled, name) ? (filled[name] ?? '') : whole,
  )

/** At its first use: the formats of a language took 16 ms of each start, where no page is asked. */
const lazily = <T>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

export const wordsIn = (language: Language): Words => {
  const { tag, texts } = language
  const say: Words['say'] = (name, filled = {}) => filledIn(texts[name], filled)
  const relative = lazily(() => new Intl.RelativeTimeFormat(tag, { numeric: 'always' }))
  const day = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const
  const exact = lazily(() => new Intl.DateTimeFormat(tag, day))
  const instant: Words['instant'] = (at) => `${exact().format(at)} UTC`
  const wait: Words['wait'] = (ms) => {
    const [unit, size] =
      units.find(([, length]) => ms >= 2 * length) ?? (['second', 1_000] as const)
    const style = { style: 'unit', unit, unitDisplay: 'long' } as const
    return new Intl.NumberFormat(tag, style).format(Math.max(1, Math.ceil(ms / size)))
  }
  const ago: Words['ago'] = (at, now) => {
    const ms = now - at
    if (ms >= weekMs) return instant(at)
    const [unit, size] = units.find(([, length]) => ms >= length) ?? [null, 1]
    return unit === null ? say('just_now') : relative().format(-Math.floor(ms / size), unit)
  }
  return { language, say, wait, ago, instant }
}
