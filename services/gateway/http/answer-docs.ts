import { z } from 'zod'
import {
  type AnswerDoc,
  component,
  json,
  type ParameterDoc,
  type RouteDoc,
  refusalSchema,
} from '../../../shared/http/route-doc.ts'

/** Parts of descriptions that several routes share. */
export const token = z.string().max(4_096)

export const detail = (text: string): AnswerDoc => ({
  description: 'Done.',
  content: json(z.object({ detail: z.literal(text) })),
})

const refusal = (description: string): AnswerDoc => ({ description, content: json(refusalSchema) })
const retryAfter = { 'Retry-After': 'Seconds after which the same request may succeed.' }

const fieldErrors = component('FieldErrors', z.record(z.string(), z.array(z.string())))
/** Messages by field, or one message. */
export const anyBadContent = json(z.union([fieldErrors, refusalSchema]))
const badBody: AnswerDoc = {
  description: 'A field is missing or has the wrong form, or the body cannot be read.',
  content: anyBadContent,
}
export const badParameters: AnswerDoc = {
  ...badBody,
  description: 'A parameter has no such value.',
}

export const unauthenticated = refusal('No credentials, or they are refused.')
export const notFound = refusal('There is none.')
export const throttled: AnswerDoc = { ...refusal('Too many attempts.'), headers: retryAfter }
export const superseded = refusal(
  'Within the grace, but the successor was used already. Nothing ended, nothing was set.',
)

/** Headers of an answer to a revocation. */
export const revocationHeaders = {
  'Revocation-Status': '`acknowledged` by the log, or `pending`: durable, and told later.',
  'Revocation-Position': 'Where the revocation lies; any door takes it as a minimum.',
  'Revocation-Receipt':
    'Where the auditor has its receipt once it is signed, within seconds; several with commas. ' +
    'Absent where the gateway knows of no auditor.',
}
export const revoking = (answer: AnswerDoc): AnswerDoc => ({
  ...answer,
  headers: { ...answer.headers, ...revocationHeaders },
})

/** Header of a route with a user in its path. */
export const foundBy = {
  'Found-By': '`id` or `name`: what the user was found by. An id goes before a name.',
}

/** Header of a route that reads the event store. */
export const knownHeader = {
  'Revocation-Position': 'The answer knows every revocation that was acknowledged before this.',
}
export const positionParameter: ParameterDoc = {
  in: 'header',
  name: 'Revocation-Position',
  description: 'What the answer must know: a position that a revocation answered.',
  schema: z.string(),
}

const unavailableAnswer: AnswerDoc = {
  ...refusal('The event store did not answer in time. Nothing is acknowledged; try again.'),
  headers: retryAfter,
}
const foreignPage = refusal(
  'A page of another origin, which is not named, made a browser send this.',
)
const unfit = refusal(
  'A defect; or `claims_too_large`: no token holds what is to be said of the user.',
)

/** Adds what every route may answer to its own answers. */
export const answering = (own: RouteDoc['answers']): RouteDoc['answers'] => ({
  503: unavailableAnswer,
  ...own,
})

/** Adds what every route that changes something may answer. */
export const changing = (own: RouteDoc['answers']): RouteDoc['answers'] =>
  answering({ 403: foreignPage, 500: unfit, ...own })

/** As `changing`, for a route that reads a JSON body, or fields in whichever form. */
export const takingFields = (own: RouteDoc['answers']): RouteDoc['answers'] =>
  changing({
    400: badBody,
    413: refusal('The body is larger than 16 KiB.'),
    415: refusal('The body is of another type.'),
    ...own,
  })

export const oauthErrorSchema = component(
  'OAuthError',
  z.object({ error: z.string(), error_description: z.string().optional() }),
)
export const oauth = (description: string): AnswerDoc => ({
  description,
  content: json(oauthErrorSchema),
})
const invalidClient: AnswerDoc = {
  ...oauth('`invalid_client`: no credentials of a service client, or wrong ones.'),
  headers: { 'WWW-Authenticate': 'Basic' },
}
const unauthorizedClient: AnswerDoc = {
  description: '`unauthorized_client`: this client may not do this. Or a page of another site.',
  content: json(z.union([oauthErrorSchema, refusalSchema])),
}

/** Adds what a route for service clients may answer, in the form of OAuth 2.0. */
export const toClients = (own: RouteDoc['answers']): RouteDoc['answers'] => ({
  401: invalidClient,
  403: unauthorizedClient,
  429: { ...oauth('Too many wrong secrets came from this address.'), headers: retryAfter },
  ...own,
})

/** As `toClients`, for a route that reads a form (RFC 7662, RFC 7009). */
export const takingForm = (own: RouteDoc['answers']): RouteDoc['answers'] =>
  toClients({
    400: oauth('`invalid_request`: a parameter is missing, repeated or of the wrong form.'),
    413: oauth('`invalid_request`: the body is larger than 16 KiB.'),
    415: oauth('`invalid_request`: the body is no form.'),
    503: { ...oauth('`temporarily_unavailable`: try again.'), headers: retryAfter },
    ...own,
  })

/** As `toClients`, for routes of receivers. */
export const toReceivers = (own: RouteDoc['answers']): RouteDoc['answers'] =>
  toClients({
    400: oauth('`invalid_request`: a parameter is missing or of the wrong form.'),
    404: oauth('`invalid_request`: there is no such receiver of this client.'),
    503: { ...oauth('`temporarily_unavailable`: try again.'), headers: retryAfter },
    ...own,
  })

/** As `toReceivers`, for a route that reads JSON. */
export const takingClientJson = (own: RouteDoc['answers']): RouteDoc['answers'] =>
  toReceivers({
    409: oauth('`invalid_request`: there are too many receivers.'),
    413: oauth('`invalid_request`: the body is larger than 16 KiB.'),
    415: oauth('`invalid_request`: the body is no JSON.'),
    ...own,
  })

/** For the route where receivers register. */
export const noSetKeys: AnswerDoc = {
  description:
    'There are no keys that sign for receivers, and the gateway cannot make any: its key folder ' +
    'is read-only.',
  content: json(refusalSchema),
}

const either = (description: string): AnswerDoc => ({
  description,
  content: json(z.union([refusalSchema, oauthErrorSchema])),
})

/** Adds what a route for administrators and permitted service clients may answer. */
export const toAdministrators = (own: RouteDoc['answers']): RouteDoc['answers'] => ({
  401: either('No credentials, or they are refused.'),
  403: either('The caller may not do this. Or a page of another site made a browser send it.'),
  404: notFound,
  ...own,
})

/** How callers show who they are: people, by cookie or header; and service clients too. */
export const byPerson = [['accessCookie'], ['bearer']] as const
export const byAnybody = [...byPerson, ['serviceClient']] as const

/** Whom `requireAuditor` lets in, as a description says it; more sentences may follow. */
export const forAuditors =
  'For the role of CURFEW_AUDIT_ROLE, administrators, and service clients with the permission ' +
  '`audit`.'
