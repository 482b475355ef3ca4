import { spawn } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { namedBlock } from '../documents/code-blocks.ts'
import { findTool } from '../processes/tools.ts'
import { projectRoot } from '../project-files.ts'
import { pythonVenv } from '../servers/python-venv.ts'
import { newDataFolder } from '../servers/server-process.ts'
import { shiftedBy } from '../storm/faked-clock.ts'

export type Question = Readonly<{
  token: string
  laterMs?: number
  minimum?: string
  /** Asks its status list in place of the collection. */
  byList?: boolean
}>
export type Answer = Readonly<{
  standing?: string
  sub?: string
  refused?: string
  revoked?: boolean
}>
export type Consumer = Closable & Readonly<{ ask: (question: Question) => Promise<Answer> }>

const packages = ['PyJWT[crypto]==2.15.1', 'pymongo==4.20.1'] as const

/**
 * A Python with PyJWT and pymongo from PyPI; `null` after saying aloud that `what` was not run.
 * Rejects when there is no Python and one is required, and when PyPI does not answer.
 */
export const consumerPython = async (what: string): Promise<string | null> => {
  if ((await findTool('python3', what)) === null) return null
  const bin = await pythonVenv('consumer-pyjwt-2.15.1-pymongo-4.20.1', packages)
  return bin === null ? null : join(bin, 'python3')
}

type Wanted = Readonly<{
  python: string
  mongoUrl: string
  database: string
  issuer: string
  /** Where the key set is read, which this machine cannot do at the public address. */
  gatewayUrl: string
  /** By how much its clock is wrong. */
  clockS?: number
}>

const page = 'docs/blacklist.md'
const issuerAt = 'https://auth.example'

const writeFiles = async (dir: string, gatewayUrl: string): Promise<string> => {
  const script = join(dir, 'consumer.py')
  await copyFile(join(projectRoot, 'test/fixtures/python/consumer.py'), script)
  const verify = namedBlock(page, 'verify').replace(issuerAt, gatewayUrl)
  await writeFile(join(dir, 'page_verify.py'), verify)
  await writeFile(join(dir, 'page_standing.py'), namedBlock(page, 'standing'))
  const status = namedBlock('docs/doors.md', 'status').replace(issuerAt, gatewayUrl)
  await writeFile(join(dir, 'page_status.py'), status)
  return script
}

/** A process of another language on the code of these pages; one question at a time. */
export const startConsumer = async (wanted: Wanted): Promise<Consumer> => {
  const { python, mongoUrl, database, issuer, gatewayUrl, clockS = 0 } = wanted
  const script = await writeFiles(newDataFolder('consumer'), gatewayUrl)
  const args = [script, mongoUrl, database, issuer]
  const env = { ...process.env, ...(clockS === 0 ? {} : shiftedBy(clockS)) }
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const gone = new Promise<never>((_, reject) => {
    child.once('exit', (code) => reject(new Error(`the consumer ended with ${code}`)))
  })
  gone.catch(() => {}) // Told to whoever asks then.
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<Answer> => {
    const { value } = await Promise.race([lines.next(), gone])
    return JSON.parse(String(value)) as Answer
  }
  await next()
  return {
    ask: (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      return next()
    },
    close: async () => {
      child.stdin.end()
      await gone.catch(() => {})
    },
  }
}
