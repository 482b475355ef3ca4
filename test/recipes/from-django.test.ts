import { copyFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { notRun } from '../support/not-run.ts'
import { newJar, tokenIn } from '../support/processes/browser.ts'
import { projectRoot } from '../support/project-files.ts'
import { makeClone, printedBy, putProgram } from '../support/requests/page-shell.ts'
import { payloadOf } from '../support/requests/visitor.ts'
import { djangoPython } from '../support/servers/django-venv.ts'
import { assert, claims } from '../support/suite.ts'
import { inTempFolder } from '../support/temp-folder.ts'
import { inWorld } from '../support/worlds/gateway-world.ts'
import { lmdbBackingIn } from '../support/worlds/world-backing.ts'

claims('docs/accounts.md, from Django', {
  'a project’s users are dumped and imported as it is typed, and log in with their groups':
    async () => {
      const django = await djangoPython()
      if ('missing' in django) return notRun('the import from Django', django.missing)
      await inTempFolder('page', async (dir) => {
        makeClone(dir)
        copyFileSync(join(projectRoot, 'test/fixtures/django/manage.py'), join(dir, 'manage.py'))
        putProgram(dir, 'python', `#!/bin/sh\nexec '${django.python}' "$@"\n`)
        await printedBy({ dir }, 'python manage.py prepare')
        await printedBy({ dir }, namedBlock('docs/accounts.md', 'from-django'))
        const report = join(dir, 'report.json')
        assert.is(statSync(report).mode & 0o777, 0o600)
        assert.is((JSON.parse(readFileSync(report, 'utf8')) as { imported: number }).imported, 2)
        await inWorld({ backing: lmdbBackingIn(join(dir, 'data')) }, async (world) => {
          const jar = newJar()
          const { status } = await world.login(jar, 'alice@example.com', 'correct horse battery')
          assert.is(status, 200)
          const { roles, user_id } = payloadOf(tokenIn(jar, 'access') ?? '') as unknown as Record<
            string,
            unknown
          >
          assert.equal([roles, user_id], [['editors'], '1'])
        })
      })
    },
})
