import { generateKeyPairSync } from 'node:crypto'
import { treeFolder } from '../../../services/auditor/files/index.ts'
import {
  beginLife,
  type CheckpointSigner,
  TrailLife,
} from '../../../services/auditor/trees/index.ts'
import { findingText, verifyTrail } from '../../../services/auditor/verification/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { cosign, noteVerifier, publicBytesOf } from '../../../shared/tlog/note-key.ts'
import { formatNote, type NoteVerifier, parseNote } from '../../../shared/tlog/signed-note.ts'
import { noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import {
  atOnce,
  host,
  logId,
  recordsOf,
  rememberingSigner,
  ring,
} from '../../support/trail/drawn-trail.ts'

const second = '2'.repeat(32)
const own = ring.verifiers(host)
const witnessKey = generateKeyPairSync('ed25519').privateKey
const witnessName = 'witness.example/w1'
const witness = noteVerifier({
  ...{ name: witnessName, kind: 'witness', publicBytes: publicBytesOf(witnessKey) },
})
const cosigned = (text: string) =>
  cosign(text, { name: witnessName, privateKey: witnessKey, seconds: 1 })

const grown = async (files: CrashingFiles, log: string, from: number, to: number) => {
  const { trees } = beginLife({
    ...{ files, host, logId: log, partitions: 1, at: (noon + from) as EpochMs, closed: null },
    ...{ signer: rememberingSigner(), fleet: null, judge: () => null },
  })
  await trees.add({ partition: 0, records: recordsOf(from, to), end: to }, atOnce)
  trees.seal((noon + to * 1_000) as EpochMs, noon)
}

/** Of two lives; `early` is what lay there in the midst of the first one. */
const { whole, early } = await (async () => {
  const files = new CrashingFiles()
  await grown(files, logId, 0, 100)
  const early = new Map(files.disk)
  await grown(files, logId, 100, 300)
  await grown(files, second, 0, 40)
  return { whole: files.disk, early }
})()

const found = async (files: CrashingFiles, known: readonly NoteVerifier[] = own) =>
  (await verifyTrail({ files, known })).findings.map(findingText).join('\n')
const tampered = (change: (disk: Map<string, Buffer>) => void): CrashingFiles => {
  const files = new CrashingFiles(whole)
  change(files.disk)
  return files
}
const without = (disk: Map<string, Buffer>, prefix: string): void => {
  for (const path of [...disk.keys()]) if (path.startsWith(prefix)) disk.delete(path)
}
const lives = (...lines: readonly string[]) => Buffer.from(lines.map((one) => `${one}\n`).join(''))

claims('who verifies the lives of a trail', {
  'finds nothing in two that follow each other': async () => {
    assert.is(await found(new CrashingFiles(whole)), '')
  },

  'finds a life that was taken out of `lives`, first or last, with its folder or without':
    async () => {
      const first = tampered((disk) => {
        without(disk, `${logId}/`)
        disk.set('lives', lives(second))
      })
      assert.match(await found(first), 'a life before it')
      const named = tampered((disk) => disk.set('lives', lives(second)))
      assert.match(await found(named), `${logId} is a life that`)
      const last = tampered((disk) => disk.set('lives', lives(logId)))
      assert.match(await found(last), `${second} is a life that`)
    },

  'finds what is no line of `lives`, and one that is there twice': async () => {
    for (const [bytes, text] of [
      [lives(logId, second.replace('2', 'G')), 'line 2 that is no life'],
      [lives(logId, '', second), 'line 2 that is no life'],
      [lives(logId, second, logId), 'twice'],
      [lives(logId, second).subarray(0, -1), 'without an end'],
      [lives(second, logId), 'does not hold the head of'],
    ] as const) {
      assert.match(await found(tampered((disk) => disk.set('lives', bytes))), text)
    }
  },

  'finds a former life that was put back below what the next one noted of it': async () => {
    const putBack = tampered((disk) => {
      without(disk, `${logId}/`)
      for (const [path, bytes] of early) if (path.startsWith(`${logId}/`)) disk.set(path, bytes)
    })
    assert.match(await found(putBack), `${logId}/heads/checkpoint ends at`)
  },

  'finds a former life that was written anew with the key, as long as it was': async () => {
    const anew = tampered((disk) => without(disk, `${logId}/`))
    anew.disk.delete('lives')
    without(anew.disk, `${second}/`)
    await grown(anew, logId, 0, 99)
    await grown(anew, logId, 99, 300)
    for (const [path, bytes] of whole) if (!path.startsWith(logId)) anew.disk.set(path, bytes)
    assert.match(await found(anew), `${logId}/heads: leaf 0 is the first leaf that may not be`)
  },
})

const witnessed = (disk: Map<string, Buffer>, from: ReadonlyMap<string, Buffer>, life: string) => {
  const { text, signatures } = parseNote(from.get(`${life}/heads/checkpoint`) ?? Buffer.alloc(0))
  const note = formatNote({ text, signatures: [...signatures, cosigned(text)] })
  disk.set(`${life}/heads/witnessed`, note)
}

claims('who verifies with the key of a witness', {
  'believes no trail that only the witness signed, and none of another name': async () => {
    const makers: readonly (readonly [string, CheckpointSigner])[] = [
      ['evil.example/mine', { sign: (text) => [cosigned(text)], verifiers: () => [witness] }],
      [`x/${host}`, { ...rememberingSigner() }],
      [`${host}/x`, { ...rememberingSigner() }],
    ]
    for (const [name, signer] of makers) {
      const files = new CrashingFiles()
      const life = TrailLife.opened({
        ...{ files, host: name, life: logId, previous: null, partitions: 1, signer },
        ...{ fleet: null, judge: () => null },
      })
      await life.add({ partition: 0, records: recordsOf(0, 10), end: 10 }, atOnce)
      life.seal(noon, noon)
      files.disk.set('lives', lives(logId))
      const { findings } = await verifyTrail({ files, known: [...own, witness] })
      for (const tree of [0, 'heads'] as const) {
        const place = `${treeFolder(logId, tree)}/checkpoint`
        assert.match(findings.map(findingText).join('\n'), place, name)
      }
    }
  },

  'misses its signature, and a trail that was put back below what it cosigned': async () => {
    const both = [...own, witness]
    assert.match(await found(new CrashingFiles(whole), both), 'no signature of a witness')
    const files = tampered((disk) => witnessed(disk, whole, second))
    assert.is(await found(files, both), '')
    const putBack = new CrashingFiles(early)
    const later = new CrashingFiles(early)
    await grown(later, logId, 100, 300)
    witnessed(putBack.disk, later.disk, logId)
    assert.match(await found(putBack, both), `${logId}/heads/checkpoint ends at`)
  },
})
