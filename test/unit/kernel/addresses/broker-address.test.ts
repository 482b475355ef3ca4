import { backendFields } from '../../../../shared/backends/config.ts'
import { kafkaRevocationFeed } from '../../../../shared/guard-kafka/kafka-revocation-feed.ts'
import { brokerMistake } from '../../../../shared/kernel/addresses/broker-address.ts'
import { readConfig } from '../../../../shared/kernel/config.ts'
import { isAuthError } from '../../../../shared/kernel/errors.ts'
import { aRing } from '../../../support/fakes/builders.ts'
import { assert, claims } from '../../../support/suite.ts'

const good = ['localhost:9092', '10.0.0.1:1', 'kafka_1:65535', 'b-1.x.example:9094', 'k.example.:9']
const bad: Readonly<Record<string, RegExp>> = {
  localhost: /"localhost" has no port, as in localhost:9092/,
  'localhost:': /has no port/,
  ':9092': /has no host/,
  'http://kafka:9092': /is a URL/,
  'PLAINTEXT://kafka:9092': /is a URL/,
  'kafka:0': /no number from 1 to 65535/,
  'kafka:99999': /no number from 1 to 65535/,
  'kafka:65536': /no number from 1 to 65535/,
  'kafka:9092/': /no number from 1 to 65535/,
  'kafka:-1': /no number from 1 to 65535/,
  'kafka:9o92': /no number from 1 to 65535/,
  '::1:9092': /IPv6/,
  '[::1]:9092': /IPv6/,
  'a b:9092': /no host/,
  'user@kafka:9092': /no host/,
  '-kafka:9092': /no host/,
}

const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    assert.ok(isAuthError(error, 'CONFIG_INVALID'), String(error))
    return (error as Error).message
  }
  return ''
}
const configured = (brokers: string) => () =>
  readConfig({ kafkaBrokers: backendFields.kafkaBrokers }, { CURFEW_KAFKA_BROKERS: brokers })
const access = { clientId: 'x', topicPrefix: '', ssl: false, sasl: null, logLevel: 'silent' }
const asFeed = (brokers: readonly string[]) => () =>
  kafkaRevocationFeed({ ...access, brokers }, aRing())

claims('the address of a broker', {
  'is a host and a port': () => {
    for (const entry of good) assert.is(brokerMistake(entry), null, entry)
    assert.equal(configured(good.join(' , '))().kafkaBrokers, good)
    assert.is(refusal(asFeed(good)), '')
  },

  'is refused at the start otherwise, with the setting and the entry': () => {
    for (const [entry, why] of Object.entries(bad)) {
      const told = refusal(configured(`kafka:9092,${entry}`))
      assert.match(told, /CURFEW_KAFKA_BROKERS/)
      assert.match(told, why, entry)
      assert.match(told, JSON.stringify(entry), entry)
      assert.match(refusal(asFeed([entry])), why, entry)
    }
  },

  'is not empty': () => {
    for (const brokers of ['a:1,', ',a:1', 'a:1,,b:2', ' ', ',']) {
      assert.match(refusal(configured(brokers)), /an entry is empty/, brokers)
    }
    assert.equal(configured('')().kafkaBrokers, [])
    assert.match(refusal(asFeed([])), /no address/)
  },
})
