import fc from 'fast-check'

/** As much of JSON Schema as zod writes for the bodies of routes. */
export type Node = Readonly<{
  type?: string
  const?: unknown
  enum?: readonly unknown[]
  anyOf?: readonly Node[]
  oneOf?: readonly Node[]
  properties?: Readonly<Record<string, Node>>
  required?: readonly string[]
  additionalProperties?: Node | boolean
  items?: Node
  maxLength?: number
}>

const rubbish = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e9, 1e300, '', 'x', [], {}, [null], { a: 1 }),
  fc.constantFrom('x'.repeat(3_000), 'ä\u2028"\\', '__proto__', ['a', 7], [[[]]]),
)
const unknownMember = fc.constantFrom('extra', '__proto__', 'constructor', 'ü"\\', 'x'.repeat(200))

const rightText = fc.constantFrom('a', 'alice', '7', 'a'.repeat(32), '0'.repeat(32), 'a@b.example')

const objectLike = (node: Node): fc.Arbitrary<unknown> => {
  const members = Object.entries(node.properties ?? {}).map(([name, inner]) => [
    name,
    fc.option(bodyLike(inner), { nil: undefined, freq: 6 }),
  ])
  const own = fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>)
  const free =
    typeof node.additionalProperties === 'object'
      ? fc.dictionary(unknownMember, bodyLike(node.additionalProperties), { maxKeys: 2 })
      : fc.option(fc.dictionary(unknownMember, rubbish, { maxKeys: 1 }), { nil: {}, freq: 2 })
  return fc.tuple(own, free).map(([known, more]) => ({ ...more, ...known }))
}

const wellFormed = (node: Node): fc.Arbitrary<unknown> => {
  const choices = node.anyOf ?? node.oneOf
  if (choices) return fc.oneof(...choices.map(bodyLike))
  if ('const' in node) return fc.constant(node.const)
  if (node.enum) return fc.constantFrom(...node.enum)
  if (node.type === 'object') return objectLike(node)
  if (node.type === 'array') return fc.array(bodyLike(node.items ?? {}), { maxLength: 3 })
  if (node.type === 'boolean') return fc.boolean()
  if (node.type === 'null') return fc.constant(null)
  if (node.type === 'string') return rightText
  return fc.nat()
}

/** A value that a schema nearly takes: each part of it is now and then another thing. */
export const bodyLike = (node: Node): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: wellFormed(node) }, { weight: 1, arbitrary: rubbish })
