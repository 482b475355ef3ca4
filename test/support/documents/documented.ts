import { Ajv2020 } from 'ajv/dist/2020.js'
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

const bodyProblems = (schema: object, text: string): string[] => {
  const validate = ajv.compile({ ...schema, components: document.components })
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
