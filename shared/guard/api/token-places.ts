/** Where a request holds its token. */
export type TokenPlaces = Readonly<{
  /** The first that is there is looked at; more than one only until the gateway said which. */
  cookieNames: readonly string[]
  headerName: string
  headerTypes: readonly string[]
}>

/** What the options of an adapter say of it, instead of the gateway. */
export type ConfiguredPlaces = Readonly<{
  cookieName?: string | undefined
  headerName?: string | undefined
  headerTypes?: readonly string[] | undefined
}>

/** What an adapter asks of the guard before which it stands. */
export interface RequestPlaces {
  /** As the gateway says, once it was found. */
  current(): TokenPlaces
  /** An adapter was told otherwise: what differs is said to whoever started the guard. */
  told(places: ConfiguredPlaces): void
}

const header = { headerName: 'Authorization', headerTypes: ['Bearer'] } as const

/**
 * The cookie names of a gateway with that issuer: browsers accept the `__Host-` prefix over https
 * only.
 */
export const placesOfIssuer = (issuer: string): TokenPlaces => ({
  cookieNames: [issuer.startsWith('http://') ? 'access' : '__Host-access'],
  ...header,
})

/** The places for a gateway whose metadata was not read yet. */
export const unknownPlaces: TokenPlaces = { cookieNames: ['__Host-access', 'access'], ...header }

export const fixedPlaces = (places: TokenPlaces): RequestPlaces => ({
  current: () => places,
  told: () => {},
})

/** `places` where an adapter was told nothing else. */
export const effectivePlaces = (
  places: TokenPlaces,
  { cookieName, headerName, headerTypes }: ConfiguredPlaces,
): TokenPlaces => ({
  cookieNames: cookieName === undefined ? places.cookieNames : [cookieName],
  headerName: headerName ?? places.headerName,
  headerTypes: headerTypes ?? places.headerTypes,
})

/** Each option that an adapter was told otherwise, in words. */
export const placeConflicts = (
  told: ConfiguredPlaces,
  { cookieNames, headerName, headerTypes }: TokenPlaces,
) => {
  const [cookieName = ''] = cookieNames
  const said: readonly (readonly [option: string, here: string | undefined, there: string])[] = [
    ['cookieName', told.cookieName, cookieName],
    ['headerName', told.headerName?.toLowerCase(), headerName.toLowerCase()],
    ['headerTypes', told.headerTypes?.join(', '), headerTypes.join(', ')],
  ]
  return said.flatMap(([option, here, there]) =>
    here === undefined || here === there ? [] : [conflictText(option, here, there)],
  )
}

export const conflictText = (option: string, here: string, there: string): string =>
  `${option} is "${here}" here and "${there}" at the gateway: without the option, its own counts`
