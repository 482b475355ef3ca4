import type { ComponentChildren } from 'preact'
import type { Answered } from '../model/ask.ts'
import { ConfirmForm } from './confirm-form.tsx'
import { Dialog } from './dialog.tsx'

type Props = Readonly<{
  title: string
  /** What will be so. */
  children: ComponentChildren
  /** What has to be typed first; nothing without it. */
  word?: string
  act: () => Promise<Answered<unknown>>
  onDone: () => void
  onClose: () => void
}>

/** Says what will happen, and does it when that is confirmed. */
export const ConfirmDialog = ({ title, children, word, act, onDone, onClose }: Props) => (
  <Dialog title={title} onClose={onClose}>
    <ConfirmForm label={title} word={word ?? null} act={act} onDone={onDone} onClose={onClose}>
      {children}
    </ConfirmForm>
  </Dialog>
)
