export { english, type TextName, type Texts } from './english.ts'
export { preferredLanguage } from './preferred-language.ts'
export { type Language, readLanguages } from './read-texts.ts'
export { type Words, wordsIn } from './words.ts'
