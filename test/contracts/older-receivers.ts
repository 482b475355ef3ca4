import { readFileSync } from 'node:fs'
import type { StoredReceiver } from '../../shared/adapters/memory/receiver-format.ts'
import type { Receivers } from '../../shared/ports/receivers.ts'
import { contract } from '../support/contract.ts'
import { assert } from '../support/suite.ts'
import { aReceiver } from './receivers.ts'

/** What some version of Curfew once stored; nothing edits these files. */
export const storedOnce = (name: string): StoredReceiver => {
  const file = new URL(`../golden/receivers/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as StoredReceiver
}

/** An adapter in front of files or a server that an older version may have written to. */
export type Written = Receivers & Readonly<{ put: (stored: StoredReceiver) => Promise<unknown> }>

export const olderReceiversContract = contract<Written>('receivers of an older version', {
  'are read, listed and replaced; then they are of this one': async (receivers) => {
    const everybody = { all: true, rules: [] }
    await receivers.put(storedOnce('format1'))
    const read = aReceiver({ subjects: everybody })
    assert.equal(await receivers.get('one'), read)
    assert.equal(await receivers.list(), [read])
    const { subjects } = aReceiver()
    assert.is(await receivers.replace({ ...read, subjects }), 'replaced')
    assert.equal(await receivers.get('one'), aReceiver({ revision: 1 }))
  },
})
