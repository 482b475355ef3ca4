import { AuthError } from '../../../../shared/kernel/errors.ts'
import { readJsonObject } from '../../http/index.ts'
import { withRule } from '../index.ts'
import { readAs, subjectFields, subjectOf } from './ssf-input.ts'
import { changeStream, forReceivers } from './ssf-streams.ts'

/** @throws AuthError SUBJECTS_FULL */
const subjectRoute = (isAdded: boolean) =>
  forReceivers(async (call) => {
    const { ctx, transmitter } = call
    const fields = readAs(subjectFields, await readJsonObject(ctx))
    const rule = { ...subjectOf(fields.subject, transmitter.issuer), told: isAdded }
    await changeStream(call, fields.stream_id, (stored) => {
      const subjects = withRule(stored.subjects, rule)
      if (subjects !== 'full') return { ...stored, subjects }
      throw new AuthError('SUBJECTS_FULL', 'a stream has no more than 256 subjects of its own')
    })
    ctx.status = isAdded ? 200 : 204
    if (!isAdded) return
    // SSF 1.0 wants a 200 without content, and Koa sets a type with every body.
    ctx.body = ''
    ctx.remove('Content-Type')
  })

/** `POST /ssf/subjects/add` (SSF 1.0, 8.1.3.2). */
export const addSubjectRoute = subjectRoute(true)

/** `POST /ssf/subjects/remove` (8.1.3.3). */
export const removeSubjectRoute = subjectRoute(false)
