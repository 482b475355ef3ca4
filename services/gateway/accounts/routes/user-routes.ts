import { z } from 'zod'
import { component, json, type RouteDoc, refusalSchema } from '../../../../shared/http/route-doc.ts'
import {
  answering,
  byAnybody,
  changing,
  del,
  foundBy,
  type GatewayRoute,
  get,
  patch,
  post,
  revoking,
  takingFields,
  toAdministrators,
} from '../../http/index.ts'
import {
  changeUserRoute,
  createUserRoute,
  deleteUserRoute,
  eraseUserRoute,
  listUsersRoute,
  type UserRouteDeps,
  userRoute,
} from './user-handlers.ts'

const tag = 'Accounts'
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
const forReaders =
  'For administrators, the role of CURFEW_AUDIT_ROLE, and service clients with the permission ' +
  '`users`.'
const nameTaken = { description: 'There is a user of this name.', content: json(refusalSchema) }
const isLast = {
  description: 'Nobody else is an active administrator; nothing was changed for good.',
  content: json(refusalSchema),
}
const aUser = { description: 'The user.', content: json(user), headers: foundBy }

/**
 * For administrators (`CURFEW_ADMIN_ROLE`) and service clients with the permission `users`; the
 * role of CURFEW_AUDIT_ROLE reads.
 */
export const userRoutes: readonly GatewayRoute<UserRouteDeps>[] = [
  get('/users', listUsersRoute, {
    summary: 'The users, in order of name',
    description: forReaders,
    tag,
    security: byAnybody,
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
    security: byAnybody,
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
    description: forReaders,
    tag,
    security: byAnybody,
    parameters: [sub],
    answers: answering(toAdministrators({ 200: aUser })),
  }),
  patch('/users/:sub', changeUserRoute, {
    summary: 'Disable or enable a user, or change the roles',
    description:
      'Disabling, and taking a role away, ends every session of the user. Giving a role comes ' +
      'with the next login.',
    tag,
    security: byAnybody,
    parameters: [sub],
    body: [json(z.object({ active: z.boolean().optional(), roles: roles.optional() }))],
    answers: takingFields(toAdministrators({ 200: revoking(aUser), 409: isLast })),
  }),
  del('/users/:sub', deleteUserRoute, {
    summary: 'End every session of a user and remove the account, for ever',
    tag,
    security: byAnybody,
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
    security: byAnybody,
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
