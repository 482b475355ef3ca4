import { useEffect, useState } from 'preact/hooks'

type Props = Readonly<{
  label: string
  placeholder: string
  /** What is searched for now. */
  words: string
  /** On the button. */
  verb?: string
  /** Searches; what is wrong with the text, if something is. */
  onSearch: (text: string) => string | null
}>

/** A search; what is typed stays as it is until it is sent. */
export const SearchField = ({ label, placeholder, words, verb = 'Search', onSearch }: Props) => {
  const [text, setText] = useState(words)
  const [problem, setProblem] = useState<string | null>(null)
  useEffect(() => setText(words), [words])
  const send = (event: Event): void => {
    event.preventDefault()
    setProblem(onSearch(text.trim()))
  }
  return (
    <search>
      <form class="search" onSubmit={send}>
        <input
          type="search"
          data-search
          aria-label={label}
          spellcheck={false}
          autocomplete="off"
          placeholder={placeholder}
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <button type="submit">{verb}</button>
        {problem !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </form>
    </search>
  )
}
