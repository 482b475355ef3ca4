import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { mergedMetrics } from '../../../shared/metrics/merged-metrics.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { assert, claims } from '../../support/suite.ts'

const dice = new Dice('merged-metrics')
const values = ['a', 'b}c', 'd"e', 'f\\g', 'h{i', 'j,k="l"', 'm n', 'worker', '# HELP x']

/** What a process may count: some of the metrics, with labels that need care. */
const drawnText = async (): Promise<string> => {
  const registers = [new Registry()]
  const counter = new Counter({ name: 'drawn_total', help: 'a # b', labelNames: ['l'], registers })
  const gauge = new Gauge({ name: 'drawn_bytes', help: 'a "b"', registers })
  const histogram = new Histogram({ name: 'drawn_seconds', help: 'c', buckets: [1, 2], registers })
  for (let times = dice.below(5); times > 0; times -= 1) counter.inc({ l: dice.pick(values) })
  if (dice.chance(50)) gauge.set(dice.pick([Number.POSITIVE_INFINITY, Number.NaN, -1.5, 1e21]))
  if (dice.chance(50)) histogram.observe(dice.below(4))
  return (await registers[0]?.metrics()) ?? ''
}

const samplesOf = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
const headsOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('#'))
const withoutWorker = (line: string): string =>
  line.replace(/,worker="\d"\} /, '} ').replace(/\{worker="\d"\} /, ' ')

claims('texts of several workers', {
  'are one text with every sample, and each head once': async () => {
    for (let round = 0; round < 100; round += 1) {
      const count = 1 + dice.below(4)
      const texts = await Promise.all(Array.from({ length: count }, drawnText))
      const merged = mergedMetrics('worker', new Map(texts.map((text, at) => [String(at), text])))
      const wanted = texts.flatMap(samplesOf).sort()
      assert.equal(samplesOf(merged).map(withoutWorker).sort(), wanted)
      assert.is(new Set(headsOf(merged)).size, headsOf(merged).length)
      for (const [at, text] of texts.entries()) {
        const ofOne = samplesOf(merged).filter((line) => line.includes(`worker="${at}"} `))
        assert.is(ofOne.length, samplesOf(text).length)
      }
    }
  },

  'keep the samples of a metric together': async () => {
    const merged = mergedMetrics(
      'worker',
      new Map([
        ['0', '# TYPE a counter\na 1\n# TYPE b counter\nb 1\n'],
        ['1', '# TYPE b counter\nb{x="y"} 2\n# TYPE a counter\na 2\n'],
      ]),
    )
    const lines = ['# TYPE a counter', 'a{worker="0"} 1', 'a{worker="1"} 2', '# TYPE b counter']
    assert.equal(merged.split('\n'), [...lines, 'b{worker="0"} 1', 'b{x="y",worker="1"} 2', ''])
  },
})
