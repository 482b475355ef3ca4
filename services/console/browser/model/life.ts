import type { AuditEventBody } from '../../../gateway/answers.ts'
import { instantOf, isEnd, isLogin, isRotation } from './event-words.ts'

export type MarkKind = 'login' | 'rotation' | 'replay' | 'reuse' | 'end' | 'refusal' | 'other'
export type Mark = Readonly<{
  at: number
  kind: MarkKind
  /** How many of the same kind followed one another, where they are drawn as one. */
  count: number
  until: number
  title: string
}>

const kindOf = (event: AuditEventBody): MarkKind | null => {
  const isAccess = event.data['kind'] === 'access'
  if (isLogin(event)) return isAccess ? null : 'login'
  if (isRotation(event)) return isAccess ? null : 'rotation'
  if (event.type === 'GraceReplayed') return 'replay'
  if (event.type === 'ReuseDetected') return 'reuse'
  return isEnd(event) && event.data['scope'] !== 'token' ? 'end' : null
}

const titles: Readonly<Record<MarkKind, string>> = {
  login: 'Login',
  rotation: 'Rotation',
  replay: 'Replayed within the grace',
  reuse: 'A token was used again',
  end: 'Ended',
  refusal: 'Refused by',
  other: 'Event',
}

/** What happened in a session, oldest first. An access token is no step of its own. */
export const marksOf = (events: readonly AuditEventBody[]): readonly Mark[] =>
  events
    .flatMap((event): Mark[] => {
      const [kind, at] = [kindOf(event), instantOf(event)]
      if (kind === null || at === null) return []
      const reason = event.data['reason']
      const title = kind === 'end' ? `${titles.end}: ${String(reason)}` : titles[kind]
      return [{ at, kind, count: 1, until: at, title: title.replaceAll('_', ' ') }]
    })
    .sort((a, b) => a.at - b.at)

const drawnMax = 80

/** Rotations that follow one another become one mark, where there are too many to draw. */
export const gathered = (marks: readonly Mark[], max = drawnMax): readonly Mark[] => {
  if (marks.length <= max) return marks
  const size = Math.ceil(marks.length / max) + 1
  const found: Mark[] = []
  for (const mark of marks) {
    const last = found.at(-1)
    const joins = last?.kind === 'rotation' && mark.kind === 'rotation' && last.count < size
    if (!last || !joins) found.push(mark)
    else {
      const count = last.count + 1
      found[found.length - 1] = { ...last, count, until: mark.at, title: `${count} rotations` }
    }
  }
  return found
}

export type Placed = Mark & Readonly<{ x: number }>
export type Gap = Readonly<{ x: number; width: number; ms: number }>
export type Laid = Readonly<{ marks: readonly Placed[]; gaps: readonly Gap[]; width: number }>

const stepMin = 30
const stepMax = 130
const gapWidth = 64

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/**
 * Where each mark stands: as far apart as their times, but no closer than can be seen, and with
 * idle time, which is many times longer than what is usual, compressed to a gap that names it.
 */
export const laidOut = (marks: readonly Mark[], margin = 28): Laid => {
  const steps = marks.slice(1).map(({ at }, index) => at - (marks[index]?.until ?? at))
  const usual = Math.max(1, median(steps.filter((ms) => ms > 0)))
  const idleMs = Math.max(60_000, usual * 6)
  const gaps: Gap[] = []
  let x = margin
  const placed = marks.map((mark, index): Placed => {
    const ms = index === 0 ? 0 : (steps[index - 1] ?? 0)
    if (index > 0 && ms > idleMs) {
      gaps.push({ x, width: gapWidth, ms })
      x += gapWidth
    } else if (index > 0) {
      x += Math.min(stepMax, Math.max(stepMin, (ms / usual) * stepMin * 1.4))
    }
    return { ...mark, x }
  })
  return { marks: placed, gaps, width: x + margin }
}
