export {
  answerToCredentials,
  answerToVerdict,
  type Credentials,
  credentialsOf,
  type HttpAnswer,
} from './http-answer.ts'
export {
  type Caller,
  type GuardHttpOptions,
  type Judged,
  type RequestJudge,
  requestJudge,
} from './request-judge.ts'
