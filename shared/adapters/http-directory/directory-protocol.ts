import { z } from 'zod'
import { AuthError } from '../../kernel/errors.ts'
import { type SubjectId, subjectId } from '../../kernel/ids.ts'
import type { UserIdentity } from '../../ports/credentials.ts'

/**
 * What Curfew and a team's own directory say to each other; docs/directory.md is its description.
 * Members that it does not name are passed over, so that a directory may say more.
 */
const subject: z.ZodType<SubjectId, string> = z.string().transform((text, context) => {
  try {
    return subjectId(text)
  } catch (error) {
    context.issues.push({ code: 'custom', input: text, message: (error as Error).message })
    return z.NEVER
  }
})
const person = z.object({
  sub: subject,
  id: z.union([z.string().min(1).max(255), z.int().transform(String)]).optional(),
  username: z.string().min(1).max(255),
  roles: z
    .array(z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/))
    .max(32)
    .default([]),
})

export const subjectAnswer = z.object({ sub: subject })
export const verifyAnswer = person
export const userAnswer = person.extend({ active: z.boolean() })

/** @throws AuthError DIRECTORY_UNAVAILABLE that names the member at fault, and shows no value. */
export const readAnswer = <T>(path: string, schema: z.ZodType<T>, text: string): T => {
  const parsed = schema.safeParse(jsonIn(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') || 'the body'
  throw new AuthError('DIRECTORY_UNAVAILABLE', `${path} answered with ${where} in no known form`)
}

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const personOf = ({
  sub,
  id = sub,
  username,
  roles,
}: z.infer<typeof person>): UserIdentity => ({
  sub,
  id,
  username,
  roles,
})
