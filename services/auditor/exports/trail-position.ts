import { AuthError } from '../../../shared/kernel/errors.ts'

/** How far somebody has read: of each log, `LIFE/PARTITION`, the index that comes next. */
export type Position = ReadonlyMap<string, number>

const part = /^([0-9a-f]{32}(?:-[1-9]\d{0,5})?\/\d{1,6}):(\d{1,15})$/

export const trailPositionText = (position: Position): string =>
  [...position].map(([log, next]) => `${log}:${next}`).join(',')

/** @throws AuthError INPUT_INVALID for what is none */
export const parseTrailPosition = (text: string): Position => {
  const parts = text.trim() === '' ? [] : text.trim().split(',')
  return new Map(
    parts.map((one) => {
      const [, log = '', next = ''] = part.exec(one) ?? []
      if (log === '') throw new AuthError('INPUT_INVALID', `"${one}" is no LIFE/PARTITION:INDEX`)
      return [log, Number(next)]
    }),
  )
}
