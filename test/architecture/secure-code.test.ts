import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { algorithms, hashOf } from '../../shared/tokens/keys/index.ts'
import { projectRoot, type SourceText, sourcesBelow } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'

const shipped = sourcesBelow('shared', 'services')
const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')

/** Lines of code that match, without those that are comments. */
const linesWith = (sources: readonly SourceText[], wanted: RegExp): string[] =>
  sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\*|\/\*)/.test(line) && wanted.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  )
const a = (line: string): SourceText => ({ path: 'shared/x.ts', text: line })
const finds = (wanted: RegExp, ...lines: readonly string[]): void => {
  for (const line of lines) assert.is(linesWith([a(line)], wanted).length, 1, line)
}

const evaluation = /\beval\(|\bnew Function\b|\bFunction\(|'node:vm'|\bset(?:Timeout|Interval)\('/
const shell =
  /\bexecSync\b|\bexecFile\b|\bspawnSync\b|\bshell:|\{[^}]*\bexec\b[^}]*\} from 'node:ch/
const hashes = /\b(?:createHash|createHmac|hkdfSync|pbkdf2Async)\(/
const ciphers = /\bcreate(?:Cipheriv|Decipheriv)\(|\bpublicEncrypt\(|\bprivateDecrypt\(/

claims('code that ships', {
  // asvs: 1.3.2
  'runs no text as code': () => {
    const found = linesWith(shipped, evaluation).map((line) => line.split(':')[0])
    assert.equal(found, [
      // One word, `gc`, which V8 puts into new contexts alone; decision 0113.
      'shared/kernel/process/keep-compiled-code.ts',
      // What was built of the sources, to take what V8 compiled of it from a file.
      'shared/typescript/run-script.mjs',
    ])
    finds(evaluation, 'eval(text)', 'new Function(text)', "import vm from 'node:vm'")
  },

  // asvs: 1.2.5
  'starts processes of its own program alone, without a shell': () => {
    assert.equal(linesWith(shipped, shell), [])
    const started = linesWith(shipped, /\b(?:spawn|fork)\(/)
    assert.is(started.length, 2)
    assert.match(started[1] ?? '', 'worker-pool.ts: return cluster.fork(this.#options.env)')
    assert.match(started[0] ?? '', 'check-file.ts: const child = spawn(process.execPath, [script')
    finds(shell, 'execSync(text)', "import { exec } from 'node:child_process'", 'shell: true')
  },

  // asvs: 1.2.9
  'makes no pattern of what is read': () => {
    const made = linesWith(shipped, /\b(?:new )?RegExp\(/).map((line) => line.split(':')[0])
    // Of a list that stands beside it.
    assert.equal(made, ['shared/http/token-location-settings.ts'])
  },

  // asvs: 11.4.3
  'hashes with SHA-2 of 256 bits or more': () => {
    const weak = linesWith(shipped, hashes).filter(
      (line) =>
        !/'sha(?:256|384|512)'|createHmac\(hashOf\(/.test(line) &&
        !/pbkdf2Async\(|createHash\($/.test(line),
    )
    assert.equal(weak, [])
    assert.equal(new Set(algorithms.map(hashOf)), new Set(['sha256', 'sha384', 'sha512']))
    assert.equal(linesWith(shipped, /'md5'|'md4'|'ripemd160'/), [])
    finds(hashes, "createHash('sha1')", "createHmac('md5', key)")
  },

  // asvs: 11.3.1, 11.3.2, 11.3.3
  'encrypts with AES-256-GCM': () => {
    const used = linesWith(shipped, ciphers)
    assert.is(used.length, 4)
    for (const line of used) assert.match(line, /'aes-256-gcm'/)
    finds(ciphers, "createCipheriv('aes-128-ecb', key, null)", 'publicEncrypt(key, bytes)')
  },
})

type Locked = Readonly<{ version?: string; resolved?: string; integrity?: string; link?: boolean }>

claims('what is built', {
  // asvs: 15.1.2
  'is of libraries that the lock names, each from the registry with its checksum': () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
    assert.ok(packages.length > 50)
    const { workspaces } = JSON.parse(read('package.json')) as { workspaces: readonly string[] }
    for (const [path, { version, integrity, link, resolved = '' }] of packages) {
      // Of this repository: nobody fetches it.
      if (workspaces.includes(link === true ? resolved : path)) continue
      assert.match(String(version), /^\d+\.\d+\.\d+/, path)
      assert.match(String(integrity), /^sha512-/, path)
    }
    const { dependencies } = JSON.parse(read('package.json')) as Record<string, object>
    for (const version of Object.values(dependencies ?? {})) {
      assert.match(version, /^\d+\.\d+\.\d+$/)
    }
  },

  // asvs: 13.4.1, 15.2.3
  'holds named folders alone: nothing of version control, no test, no key': () => {
    const [first, ...rest] = read('.dockerignore').trim().split('\n')
    assert.is(first, '*')
    const named = rest.map((line) => line.replace(/^!/, ''))
    for (const line of rest) assert.match(line, /^!/)
    for (const folder of ['.git', 'test', 'data', '.env', '.'])
      assert.not.ok(named.includes(folder))
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from=build )(.+) \S+$/gm)]
    for (const [, from = ''] of copied) {
      for (const path of from.split(' ')) assert.ok(named.includes(path.split('/')[0] ?? ''), path)
    }
  },
})
