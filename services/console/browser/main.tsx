import { render } from 'preact'
import { followLinks } from './model/address.ts'
import { listenToKeys } from './model/keyboard.ts'
import { watchSession } from './model/watch-session.ts'
import { Shell } from './parts/shell.tsx'
import { Route } from './views/route.tsx'

followLinks()
listenToKeys()
watchSession()
const app = document.getElementById('app')
if (app) {
  render(
    <Shell>
      <Route />
    </Shell>,
    app,
  )
}
