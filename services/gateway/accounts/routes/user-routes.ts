import { z } from 'zod'
import { component, json, type RouteDoc, refusalSchema } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  changing,
  del,
  foundBy,
  type GatewayRoute,
  get,
  patch,
  post,
  revoking,
  takingFields,
  throttled,
  toAdministrators,
  token,
  unauthenticated,
} from '../../http/index.ts'
import type { SessionRouteDeps } from '../../sessions/index.ts'
import { passwordRoute } from './password.ts'
import { stepUpRoute } from './step-up.ts'
import {
  changeUserRoute,
  createUserRoute,
  deleteUserRoute,
  eraseUserRoute,
  listUsersRoute,
  type UserRouteDeps,
  userRoute,
} from './users.ts'

const tag = 'Accounts'
const security = [['accessCookie'], ['bearer'], ['serviceClient']] as const
const roles = z.array(z.string())

const user = component(
  'User',
  z.object({
    sub: z.string(),
    id: z.string(),
    username: z.string(),
    email: z.string().optional(),
    active: z.boolean(),
    roles,
    created_at: z.iso.datetime(),
    last_login: z.iso.datetime().nullable(),
  }),
)
export type UserBody = z.infer<typeof user>

const sub = {
  in: 'path',
  name: 'sub',
  description: 'The user, by id or by name; `Found-By` of the answer says which.',
  schema: z.string(),
} as const
const page: RouteDoc['parameters'] = [
  { in: 'query', name: 'after', description: '`next` of the page before.', schema: z.string() },
  { in: 'query', name: 'limit', description: 'At most.', schema: z.int().min(1).max(200) },
]
const nameTaken = { description: 'There is a user of this name.', content: json(refusalSchema) }
const isLast = {
  description: 'Nobody else is an active administrator; nothing was changed for good.',
  content: json(refusalSchema),
}
const aUser = { description: 'The user.', content: json(user), headers: foundBy }

const ownTokens = z.object({
  detail: z.literal('password changed'),
  access: token.optional(),
  refresh: token.optional(),
  token: token.optional(),
})

/** What a user does with their own account. */
export const ownAccountRoutes: readonly GatewayRoute<SessionRouteDeps>[] = [
  post('/password', passwordRoute, {
    summary: 'Change one’s own password; ends every session of the caller',
    description:
      'With `keep_this_device` a new session is opened in the mode of the request: cookies, or ' +
      'tokens in the body. A wrong current password is a 400 and counts as a failed login.',
    tag,
    security: [['accessCookie'], ['bearer']],
    body: [
      json(
        z.object({
          current_password: z.string(),
          new_password: z.string().min(8).max(1024),
          keep_this_device: z.boolean().optional(),
        }),
      ),
    ],
    answers: takingFields({
      200: revoking({
        description: 'Changed.',
        content: json(ownTokens),
        headers: { 'Set-Cookie': 'In cookie mode: the new cookies, or their deletion.' },
      }),
      401: unauthenticated,
      429: throttled,
    }),
  }),
  post('/step-up', stepUpRoute, {
    summary: 'Give one’s own password again, for what asks for it',
    description:
      'Ending everybody’s sessions, erasing a user and rotating keys take a password that was ' +
      'given at most five minutes ago: at the login, or here. The proof is for this session, and ' +
      'for every gateway: a cookie `step-up` for a browser; `proof` in the body for a caller ' +
      'with a token in the header, who sends it as the header `Step-Up`. A wrong password is a ' +
      '400 and counts as a failed login.',
    tag,
    security: [['accessCookie'], ['bearer']],
    body: [json(z.object({ password: z.string() }))],
    answers: takingFields({
      200: {
        description: 'Proven.',
        content: json(
          z.object({
            detail: z.literal('step-up success'),
            until: z.iso.datetime(),
            proof: z.string().optional(),
          }),
        ),
        headers: { 'Set-Cookie': 'In cookie mode: the proof.' },
      },
      401: unauthenticated,
      429: throttled,
    }),
  }),
]

/** For administrators (`CURFEW_ADMIN_ROLE`) and service clients with the permission `users`. */
export const userRoutes: readonly GatewayRoute<UserRouteDeps>[] = [
  get('/users', listUsersRoute, {
    summary: 'The users, in order of name',
    tag,
    security,
    parameters: page,
    answers: answering(
      toAdministrators({
        200: {
          description: 'A page; `next` is null at the end.',
          content: json(z.object({ users: z.array(user), next: z.string().nullable() })),
        },
        400: {
          description: 'A parameter has the wrong form.',
          content: json(z.record(z.string(), z.array(z.string()))),
        },
      }),
    ),
  }),
  post('/users', createUserRoute, {
    summary: 'Make an account',
    description:
      'The answer shows, once, a password that opens the account for a while; the user chooses ' +
      'another one until then. Only a service client may send `password`.',
    tag,
    security,
    body: [
      json(
        z.object({
          username: z.string(),
          email: z.string().optional(),
          roles: roles.optional(),
          password: z.string().optional(),
        }),
      ),
    ],
    answers: takingFields(
      toAdministrators({
        201: {
          description: 'Made.',
          content: json(
            user.extend({
              initial_password: z.string().optional(),
              initial_password_until: z.iso.datetime().optional(),
            }),
          ),
        },
        409: nameTaken,
      }),
    ),
  }),
  get('/users/:sub', userRoute, {
    summary: 'One user',
    tag,
    security,
    parameters: [sub],
    answers: answering(toAdministrators({ 200: aUser })),
  }),
  patch('/users/:sub', changeUserRoute, {
    summary: 'Disable or enable a user, or change the roles',
    description:
      'Disabling, and taking a role away, ends every session of the user. Giving a role comes ' +
      'with the next login.',
    tag,
    security,
    parameters: [sub],
    body: [json(z.object({ active: z.boolean().optional(), roles: roles.optional() }))],
    answers: takingFields(toAdministrators({ 200: revoking(aUser), 409: isLast })),
  }),
  del('/users/:sub', deleteUserRoute, {
    summary: 'End every session of a user and remove the account, for ever',
    tag,
    security,
    parameters: [sub],
    answers: changing(
      toAdministrators({
        204: revoking({ description: 'Removed.', headers: foundBy }),
        409: isLast,
      }),
    ),
  }),
  post('/users/:sub/erase', eraseUserRoute, {
    summary: 'Make unreadable, for ever, what events say of a user; removes the account too',
    description:
      'Addresses, agents and names in all events of this user, wherever they were copied to, ' +
      'open to nobody any more. That this happened is the event `UserErased`. Also by the id of ' +
      'a user who was deleted before.',
    tag,
    security,
    parameters: [sub],
    answers: changing(
      toAdministrators({
        204: revoking({ description: 'Erased.', headers: foundBy }),
        409: {
          description: 'A legal hold keeps it (`legal_hold`), or nobody else is an active admin.',
          content: json(refusalSchema),
        },
      }),
    ),
  }),
]
