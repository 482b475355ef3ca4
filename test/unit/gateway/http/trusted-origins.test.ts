import fc from 'fast-check'
import {
  originMistakes,
  originsOf,
  originsOfOtherSites,
} from '../../../../services/gateway/http/trusted-origins.ts'
import { assert, claims } from '../../../support/suite.ts'

const secure = new URL('https://auth.app.example')
const mistakes = (entry: string, publicUrl = secure): string =>
  originMistakes([entry], publicUrl).join()
const trusts = (entry: string, origin: string): boolean =>
  originsOf(secure, [entry]).isTrusted(origin)

const label = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}[a-z0-9]$/)
const host = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))
const port = fc.option(fc.integer({ min: 1_024, max: 65_535 }), { nil: null })
const originOf = (of: string, at: number | null): string =>
  `https://${of}${at === null ? '' : `:${at}`}`

claims('trusted origins', {
  'an origin trusts itself, and nothing that is spelled otherwise': () =>
    fc.assert(
      fc.property(host, port, label, (name, at, more) => {
        const entry = originOf(name, at)
        if (mistakes(entry) !== '') return
        assert.ok(trusts(entry, entry))
        for (const other of [
          '',
          'null',
          entry.toUpperCase(),
          entry.replace('https:', 'http:'),
          `${entry}/`,
          `${entry}.`,
          originOf(`${more}.${name}`, at),
          originOf(`${name}.${more}`, at),
          originOf(name, at === 65_535 ? 1_024 : (at ?? 1_023) + 1),
          `${entry}, ${entry}`,
        ]) {
          assert.not.ok(trusts(entry, other), other)
        }
      }),
      { numRuns: 200 },
    ),

  'a * stands for one label, whatever it is, and for nothing else': () =>
    fc.assert(
      fc.property(host, port, label, label, (name, at, one, two) => {
        const entry = originOf(`*.${name}`, at)
        if (mistakes(entry) !== '') return
        assert.ok(trusts(entry, originOf(`${one}.${name}`, at)))
        for (const other of [
          originOf(name, at),
          originOf(`.${name}`, at),
          originOf(`${one}.${two}.${name}`, at),
          originOf(`${one}${name}`, at),
          originOf(`${one}.${name}.${two}`, at),
          originOf(`${one}.${name}`, at).replace('https:', 'http:'),
          originOf(`${one}@${two}.${name}`, at),
          originOf(`*.${name}`, at),
          `https://${one}/.${name}`,
          'null',
        ]) {
          assert.not.ok(trusts(entry, other), other)
        }
      }),
      { numRuns: 200 },
    ),

  // asvs: 3.4.2
  'what can never match, or matches strangers, is a mistake that says why': () => {
    const wrong: readonly [string, RegExp][] = [
      ['*', /every page of the web/],
      ['null', /sandbox/],
      ['app.example', /no https:\/\//],
      ['//app.example', /no https:\/\//],
      ['ftp://app.example', /no https:\/\//],
      ['capacitor://localhost', /no https:\/\//],
      ['https://', /no origin/],
      ['https://app example', /no origin/],
      ['https://app.example/', /is written|more than scheme/],
      ['https://app.example/page', /more than scheme, host and port/],
      ['https://app.example?x', /more than scheme, host and port/],
      ['https://me@app.example', /more than scheme, host and port/],
      ['https://app.example:443', /is written "https:\/\/app\.example"/],
      ['https://APP.example', /is written "https:\/\/app\.example"/],
      ['https://bücher.example', /is written "https:\/\/xn--bcher-kva\.example"/],
      ['https://*.APP.example', /is written "https:\/\/\*\.app\.example"/],
      ['https://*.app.example:443', /is written "https:\/\/\*\.app\.example"/],
      ['https://*.app.example/x', /more than scheme, host and port/],
      ['https://*', /whole first label/],
      ['https://*app.example', /whole first label/],
      ['https://app-*.example', /whole first label/],
      ['https://*.*.example', /whole first label/],
      ['https://app.*.example', /whole first label/],
      ['https://app.example:*', /whole first label/],
      ['https://*.com', /below com/],
      ['https://*.co.uk', /below co\.uk/],
      ['https://*.github.io', /below github\.io/],
      ['https://*.127.0.0.1', /no origin/],
      ['https://*.', /whole first label/],
    ]
    for (const [entry, why] of wrong) {
      assert.match(mistakes(entry), why, entry)
      assert.match(mistakes(entry), `CURFEW_TRUSTED_ORIGINS has ${JSON.stringify(entry)}`)
    }
    for (const entry of [
      'https://app.example',
      'https://app.example:8443',
      'https://*.app.example',
      'https://*.example.co.uk',
      'https://*.app.example:8443',
      'https://10.0.0.1',
      'https://[::1]:8443',
      'https://app.internal',
    ]) {
      assert.is(mistakes(entry), '', entry)
    }
  },

  // asvs: 2.2.3
  'an http page beside an https address is a mistake': () => {
    assert.match(mistakes('http://app.example'), /is http beside an https/)
    assert.match(mistakes('http://localhost:5173'), /is http beside an https/)
    assert.is(mistakes('http://localhost:5173', new URL('http://localhost:3000')), '')
    assert.is(mistakes('http://*.localhost:5173', new URL('http://localhost:3000')), '')
  },

  'another site is told as browsers tell it: by scheme and registrable domain': () => {
    const others = (publicUrl: string, entries: readonly string[]): readonly string[] =>
      originsOfOtherSites(entries, new URL(publicUrl))
    const same: readonly [string, string][] = [
      ['https://auth.app.example', 'https://app.example'],
      ['https://auth.app.example', 'https://*.app.example:8443'],
      ['https://a.shop.co.uk', 'https://b.shop.co.uk'],
      ['http://localhost:3000', 'http://localhost:5173'],
      ['http://127.0.0.1:3000', 'http://127.0.0.1:5173'],
    ]
    for (const [url, entry] of same) assert.equal(others(url, [entry]), [], entry)
    const other: readonly [string, string][] = [
      ['https://auth.app.example', 'https://other.example'],
      ['https://auth.app.example', 'http://app.app.example'],
      ['https://a.co.uk', 'https://b.co.uk'],
      ['https://a.github.io', 'https://b.github.io'],
      ['http://localhost:3000', 'http://127.0.0.1:5173'],
      ['http://a.localhost:3000', 'http://b.localhost:3000'],
    ]
    for (const [url, entry] of other) assert.equal(others(url, [entry]), [entry], entry)
  },
})
