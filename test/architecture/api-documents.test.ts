import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import asyncapi from '@asyncapi/specs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { projectRoot } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

type Json = Record<string, unknown>

const read = (name: string): Json =>
  JSON.parse(readFileSync(join(projectRoot, 'docs/reference', name), 'utf8')) as Json

const inOpenapi = async (document: Json): Promise<unknown> => {
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  return valid ? null : (errors ?? 'invalid')
}

const inAsyncapi = (document: Json): unknown => {
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const validate = ajv.compile(asyncapi.schemasWithoutId['3.0.0'] as object)
  return validate(document) ? null : validate.errors
}

/** Every `$ref` of a document that leads nowhere. */
const brokenRefs = (document: Json): string[] => {
  const found: string[] = []
  const leads = (ref: string): boolean =>
    ref
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>(
        (at, name) => (at as Json | undefined)?.[name.replaceAll('~1', '/')],
        document,
      ) !== undefined
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { $ref: ref } = value as Json
    if (typeof ref === 'string' && !leads(ref)) found.push(ref)
    Object.values(value).forEach(visit)
  }
  visit(document)
  return found
}

type Operation = Readonly<{ operationId: string; responses: Json }>
const operationsOf = ({ paths }: Json): Operation[] =>
  Object.values(paths as Record<string, Record<string, Operation>>).flatMap((path) =>
    Object.values(path),
  )

claims('The API documents', {
  'openapi.json is OpenAPI 3.1, by its official schema': async () => {
    const document = read('openapi.json')
    assert.equal(await inOpenapi(document), null)
    assert.equal(brokenRefs(document), [])
    assert.ok((await inOpenapi({ ...document, paths: { '/login': { post: 7 } } })) !== null)
  },

  'every operation has a name of its own and says what a success is': () => {
    const operations = operationsOf(read('openapi.json'))
    assert.is(new Set(operations.map(({ operationId }) => operationId)).size, operations.length)
    const without = operations.filter(
      ({ responses }) => !Object.keys(responses).some((status) => /^(2|303)/.test(status)),
    )
    assert.equal(without, [])
  },

  'asyncapi.json is AsyncAPI 3.0, by its official schema': () => {
    const document = read('asyncapi.json')
    assert.equal(inAsyncapi(document), null)
    assert.equal(brokenRefs(document), [])
    assert.ok(inAsyncapi({ ...document, channels: { events: { address: 7 } } }) !== null)
  },

  'its examples are what its schemas describe': () => {
    const { components } = read('asyncapi.json') as { components: { messages: Json } }
    const ajv = new Ajv({ strict: false })
    addFormats.default(ajv)
    const messages = Object.entries(components.messages) as [string, Json][]
    assert.ok(messages.length > 10)
    for (const [name, { headers, payload, examples }] of messages) {
      const [example] = (examples ?? []) as { headers: Json; payload: Json }[]
      assert.ok(example, name)
      assert.ok(ajv.validate(headers as Json, example?.headers), name)
      assert.ok(ajv.validate(payload as Json, example?.payload), name)
      assert.not.ok(ajv.validate(payload as Json, { unknown: 1 }), name)
    }
  },
})
