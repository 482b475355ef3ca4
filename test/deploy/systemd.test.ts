import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secondsOf, settingsOf } from '../support/documents/manifests.ts'
import { findTool } from '../support/processes/tools.ts'
import { projectRoot } from '../support/project-files.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'

const folder = 'deploy/systemd'
const parts = ['gateway', 'projector', 'auditor', 'witness'] as const
const what = 'systemd’s words on the units'

const read = (name: string): string => readFileSync(join(projectRoot, folder, name), 'utf8')

/** A unit as systemd sees it: of one part, where it is a template. */
type Unit = Readonly<{ name: string; command: string; text: string }>
const units: readonly Unit[] = [
  { name: 'curfew.service', command: 'start', text: read('curfew.service') },
  ...parts.map((command) => ({
    name: `curfew@${command}.service`,
    command,
    text: read('curfew@.service').replaceAll('%i', command),
  })),
]

const keyOf = ({ text }: Unit, key: string): string =>
  [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value).join(' ')

const systemdSays = (
  tool: string,
  args: readonly string[],
): Promise<Readonly<{ ok: boolean; said: string }>> =>
  new Promise((resolve) => {
    execFile(tool, args, (error, stdout, stderr) =>
      resolve({ ok: error === null, said: stdout + stderr }),
    )
  })

/** What systemd says of the units, with the Node that runs here and the folder that is here. */
const analyzed = (
  args: readonly string[],
  change: (text: string) => string,
  judge: (unit: Unit, answer: Readonly<{ ok: boolean; said: string }>) => void,
): Promise<void> =>
  inTempFolder('units', async (dir) => {
    const tool = await findTool('systemd-analyze', what)
    if (tool === null) return
    for (const unit of units) {
      const path = join(dir, unit.name)
      const here = unit.text
        .replaceAll('/usr/bin/node', process.execPath)
        .replaceAll('/opt/curfew', projectRoot)
      writeFileSync(path, change(here))
      judge(unit, await systemdSays(tool, [...args, path]))
    }
  })

claims('units for systemd', {
  'are what systemd knows, without a warning': () =>
    analyzed(
      ['verify'],
      (text) => text,
      ({ name }, { ok, said }) => {
        assert.is(said, '', name)
        assert.ok(ok, name)
      },
    ),

  'with a key that systemd does not know are found': () =>
    analyzed(
      ['verify'],
      (text) => text.replace('PrivateTmp', 'PrivateMoon'),
      ({ name }, { said }) => assert.match(said, /PrivateMoon/, name),
    ),

  // asvs: 13.2.2
  'leave the process no right that it has no use for: an exposure of 1.4 at most, of 10': () =>
    analyzed(
      ['security', '--offline=true', '--threshold=14'],
      (text) => text,
      ({ name }, { ok, said }) => assert.ok(ok, `${name}: ${said.split('\n').at(-2)}`),
    ),

  'run commands that there are, with settings that each reads': () => {
    for (const unit of units) {
      const [, script, command] = keyOf(unit, 'ExecStart').split(' ')
      assert.ok(existsSync(join(projectRoot, script ?? '')), unit.name)
      assert.is(command, unit.command)
      const known = settingsOf(unit.command)
      const set = keyOf(unit, 'Environment').match(/\bCURFEW_[A-Z_]+/g) ?? []
      assert.ok(set.length > 0)
      assert.equal(
        set.filter((name) => !known.has(name)),
        [],
        unit.name,
      )
    }
  },

  'give a stop the time that it takes, and each part its own account and folders': () => {
    const defaultsS = { drain: 5, stop: 10, close: 10 }
    const accounts = read('sysusers.conf').match(/(?<=^u )\S+/gm)
    for (const unit of units) {
      const drainS = unit.command === 'start' ? 0 : defaultsS.drain
      const graceS = secondsOf(keyOf(unit, 'TimeoutStopSec'))
      assert.ok(graceS >= drainS + defaultsS.stop + defaultsS.close, unit.name)
      const own = unit.command === 'start' ? 'curfew' : `curfew-${unit.command}`
      assert.ok(accounts?.includes(own), own)
      for (const key of ['User', 'Group', 'StateDirectory', 'CacheDirectory']) {
        assert.is(keyOf(unit, key), own, `${unit.name}: ${key}`)
      }
      assert.match(keyOf(unit, 'Environment'), `CURFEW_DATA_DIR=/var/lib/${own} `)
      for (const key of ['StateDirectoryMode', 'CacheDirectoryMode']) {
        assert.is(keyOf(unit, key), '0700', unit.name)
      }
    }
    assert.is(accounts?.length, units.length)
  },
})
