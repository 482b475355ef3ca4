import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import {
  documentedPath,
  documentedRoutes,
  openapiDocument,
} from '../../../.ci/reference/openapi.ts'

type Content = Readonly<Record<string, Readonly<{ schema: object }>>>
type Operation = Readonly<{ responses: Readonly<Record<string, Readonly<{ content?: Content }>>> }>
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

export type Exchange = Readonly<{
  method: string
  /** As the document has it: `/users/{sub}`. */
  path: string
  status: number
  contentType: string
  text: string
}>

const document = openapiDocument('output') as { paths: Paths; components: object }
const ajv = new Ajv2020({ strict: false, allErrors: true })

/** Every route of the document, as `get /me`. */
export const documented = (): readonly string[] =>
  documentedRoutes().map(({ method, path }) => `${method} ${documentedPath(path)}`)

const compiled = new WeakMap<object, ValidateFunction>()
/** Of a schema of the document, which takes longer to compile than all answers to judge. */
const validatorOf = (schema: object): ValidateFunction => {
  const validate =
    compiled.get(schema) ?? ajv.compile({ ...schema, components: document.components })
  compiled.set(schema, validate)
  return validate
}

const bodyProblems = (schema: object, text: string): string[] => {
  const validate = validatorOf(schema)
  return validate(JSON.parse(text)) ? [] : [ajv.errorsText(validate.errors)]
}

/** What an answer has that the OpenAPI document does not say; members without a name are told. */
export const undocumented = ({ method, path, status, contentType, text }: Exchange): string[] => {
  const shown = `${method} ${path} ${status}`
  const answer = document.paths[path]?.[method]?.responses[String(status)]
  if (!answer) return [`${shown}: no such answer`]
  const type = contentType.split(';')[0] ?? ''
  const [documentedType = ''] = Object.keys(answer.content ?? {})
  if (documentedType === '') return text === '' ? [] : [`${shown}: a body`]
  if (type !== documentedType) return [`${shown}: ${type}`]
  if (!type.endsWith('json')) return []
  const problems = bodyProblems(answer.content?.[type]?.schema ?? {}, text)
  return problems.map((problem) => `${shown}: ${problem}: ${text}`)
}
