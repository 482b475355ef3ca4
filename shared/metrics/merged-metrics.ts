/** One metric: its lines of help and type, and its samples. */
type Family = { readonly head: string[]; readonly samples: string[] }

/** What a sample's name says without the parts of a histogram or a summary. */
const headOf = /^# (?:HELP|TYPE) (\S+)/
const sampleOf = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?( .*)$/

const withLabel = (line: string, label: string): string => {
  const [, name = '', labels = '', value = ''] = sampleOf.exec(line) ?? []
  return name === '' ? line : `${name}{${labels === '' ? '' : `${labels},`}${label}}${value}`
}

/**
 * Joins texts in Prometheus' text format into one: each sample gets the label `name` with the key
 * of its text, and help and type of a metric come once, as the format wants it. Samples follow the
 * head of their metric, also when another text has samples of it.
 */
export const mergedMetrics = (name: string, texts: ReadonlyMap<string, string>): string => {
  const families = new Map<string, Family>()
  for (const [key, text] of texts) {
    let family: Family = { head: [], samples: [] }
    for (const line of text.split('\n')) {
      const metric = headOf.exec(line)?.[1]
      if (metric !== undefined) {
        family = families.get(metric) ?? { head: [], samples: [] }
        families.set(metric, family)
        if (!family.head.includes(line)) family.head.push(line)
      } else if (line !== '' && !line.startsWith('#')) {
        family.samples.push(withLabel(line, `${name}="${key}"`))
      }
    }
  }
  const lines = [...families.values()].flatMap(({ head, samples }) => [...head, ...samples])
  return `${lines.join('\n')}\n`
}
