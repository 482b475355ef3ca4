export {
  answering,
  badParameters,
  byAnybody,
  byPerson,
  changing,
  detail,
  forAuditors,
  foundBy,
  knownHeader,
  noSetKeys,
  notFound,
  oauth,
  positionParameter,
  revoking,
  superseded,
  takingClientJson,
  takingFields,
  takingForm,
  throttled,
  toAdministrators,
  toClients,
  token,
  toReceivers,
  unauthenticated,
} from './answer-docs.ts'
export {
  bodyOfThrown,
  codeOfProblem,
  headerRefusal,
  publicCodeOf,
  Refusal,
  statusOfCode,
} from './answer-error.ts'
export { createApp, type RootDocument } from './app.ts'
export { hasTokenInHeader, tokenInContext } from './bearer-header.ts'
export { optionalFlag, optionalTexts, refuseUnknownFields } from './body-fields.ts'
export { ClientAuthenticator } from './client-authenticator.ts'
export { CookieJar } from './cookie-jar.ts'
export type { Metadata } from './discovery-metadata.ts'
export { bodyProblem, fieldProblem, fieldsBySchema } from './field-problem.ts'
export {
  all,
  bindRoutes,
  del,
  type GatewayRoute,
  get,
  type Handler,
  patch,
  post,
  put,
} from './gateway-route.ts'
export type { HttpDeps } from './http-deps.ts'
export { httpFields } from './http-settings.ts'
export { requiredParameter, withOAuthErrors } from './oauth-errors.ts'
export { answerPublic } from './public-document.ts'
export {
  cursorOf,
  given,
  inQuery,
  instantOf,
  limitOf,
  orderOf,
  pageOf,
  termOf,
  timeOf,
} from './query-parameters.ts'
export {
  giveFields,
  readBodyThenCaller,
  readFields,
  readForm,
  readJsonObject,
  textFields,
} from './read-body.ts'
export {
  actOfRequest,
  factsOf,
  fieldsOfRequest,
  noteAdministrator,
  noteCaller,
  type RequestFacts,
} from './request-facts.ts'
export { type ReturnRules, returnAddress } from './return-address.ts'
export { type Problem, type RefusedRequest, showProblemBy } from './translate-errors.ts'
export {
  type Origins,
  originMistakes,
  originsOf,
  originsOfOtherSites,
  refuseForeignWrite,
} from './trusted-origins.ts'
export { refusingUnknownParameters } from './unknown-parameters.ts'
