import { showsKeys } from '../model/keyboard.ts'
import { pagesList } from '../model/pages-list.ts'
import { Dialog } from './dialog.tsx'

const keys = [
  ['/', 'to the search'],
  ['j k', 'next and former row'],
  ['Enter', 'opens the row'],
  ['u', 'UTC, or the time of this browser'],
  ['p', 'holds and lets go the live events'],
  ['?', 'this list'],
  ['Esc', 'leaves a field or a dialog'],
] as const

/** Which keys there are. */
export const KeysDialog = () => {
  if (!showsKeys.value) return null
  const close = (): void => {
    showsKeys.value = false
  }
  return (
    <Dialog title="Keys" onClose={close}>
      <dl class="keys">
        {[...keys, ...pagesList.map(({ key, title }) => [`g ${key}`, title] as const)].map(
          ([key, what]) => (
            <div key={key}>
              <dt>
                {key.split(' ').map((one) => (
                  <kbd key={one}>{one}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ),
        )}
      </dl>
    </Dialog>
  )
}
