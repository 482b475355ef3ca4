export {
  answering,
  badParameters,
  changing,
  detail,
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
export { createApp, type RootDocument } from './app.ts'
export { bodyThen, readFields, readForm, readJsonObject, textFields } from './body.ts'
export { CookieJar } from './cookie-jar.ts'
export { codeOfProblem, headerRefusal, publicCodeOf, Refusal, statusOfCode } from './errors.ts'
export { bodyProblem, fieldProblem } from './field-problem.ts'
export {
  all,
  bound,
  del,
  type GatewayRoute,
  get,
  type Handler,
  patch,
  post,
  put,
} from './gateway-route.ts'
export { httpFields } from './http-settings.ts'
export { optionalFlag, optionalTexts, pageOf, refuseOthers } from './input-fields.ts'
export { refusingUnknownParameters } from './known-parameters.ts'
export type { Metadata } from './metadata.ts'
export { inOAuthWords, requiredParameter } from './oauth-errors.ts'
export { answerPublic } from './public-document.ts'
export {
  actOfRequest,
  factsOf,
  fieldsOfRequest,
  noteAdministrator,
  noteCaller,
  type RequestFacts,
} from './request-facts.ts'
export { refuseForeignWrite, requestOrigin } from './request-origin.ts'
export type { RequestReading } from './request-reading.ts'
export { logReaders, ServiceClients } from './service-clients.ts'
export { cameInHeader, tokenInContext } from './token-in-request.ts'
export type { Refused } from './translate-errors.ts'
export { ofOtherSites, originMistakes, originsOf } from './trusted-origins.ts'
