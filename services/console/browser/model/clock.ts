import { computed, signal } from '@preact/signals'
import { go, hrefWith, query } from './address.ts'

/** The time of this browser, each second. */
export const now = signal(Date.now())
setInterval(() => {
  now.value = Date.now()
}, 1_000)

/** Whether instants are shown in UTC; in the time of this browser without it. */
export const showsUtc = computed(() => query.value['utc'] === '1')
export const toggleUtc = (): void => go(hrefWith({ utc: showsUtc.value ? '' : '1' }), 'replace')

const digits = (value: number, count = 2): string => String(value).padStart(count, '0')

type Parts = Readonly<{ day: string; time: string; ms: string; zone: string }>

const partsOf = (at: number, isUtc: boolean): Parts => {
  const date = new Date(isUtc ? at : at - new Date(at).getTimezoneOffset() * 60_000)
  const [day = '', rest = ''] = date.toISOString().split('T')
  const minutes = -new Date(at).getTimezoneOffset()
  const sign = minutes < 0 ? '-' : '+'
  const [hours, left] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const zone = isUtc ? 'UTC' : `UTC${sign}${digits(hours)}:${digits(left)}`
  return { day, time: rest.slice(0, 8), ms: rest.slice(9, 12), zone }
}

/** `2026-11-30 14:03:07.123 UTC` */
export const exactly = (at: number, isUtc = showsUtc.value): string => {
  const { day, time, ms, zone } = partsOf(at, isUtc)
  return `${day} ${time}.${ms} ${zone}`
}

/** `14:03:07` */
export const timeOfDay = (at: number, isUtc = showsUtc.value): string => partsOf(at, isUtc).time
export const timeWithMs = (at: number, isUtc = showsUtc.value): string => {
  const { time, ms } = partsOf(at, isUtc)
  return `${time}.${ms}`
}
export const dayOf = (at: number, isUtc = showsUtc.value): string => partsOf(at, isUtc).day

const spans = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

/** `3 min ago`, `in 2 h`, `now` */
export const relatively = (at: number, from = now.value): string => {
  const ms = Math.abs(from - at)
  const [size, unit] = spans.find(([span]) => ms >= span) ?? [0, '']
  if (size === 0) return 'now'
  const text = `${Math.floor(ms / size)} ${unit}`
  return at <= from ? `${text} ago` : `in ${text}`
}
