import { dayOf, exactly, now, relatively, showsUtc, timeOfDay } from '../model/clock.ts'

type Props = Readonly<{ at: string | number | null; how?: 'relative' | 'clock' }>

/** An instant: how long ago, or the time of day; the exact one on hover. */
export const When = ({ at, how = 'relative' }: Props) => {
  if (at === null) return <span class="quiet">–</span>
  const ms = typeof at === 'number' ? at : Date.parse(at)
  const clock = (): string => {
    const day = dayOf(ms, showsUtc.value)
    const isToday = day === dayOf(now.peek(), showsUtc.value)
    return isToday ? timeOfDay(ms) : `${day} ${timeOfDay(ms)}`
  }
  return (
    <time dateTime={new Date(ms).toISOString()} title={exactly(ms)}>
      {how === 'relative' ? relatively(ms) : clock()}
    </time>
  )
}
