/**
 * What a reader of the log lacks that began at `began`, while one must have begun at `low`
 * (`null` = a gateway of an older version does not say), and how that ends. For people.
 */
export const deletedRecordsText = ({
  began,
  low,
}: Readonly<{ began: number; low: number | null }>): string =>
  low === null
    ? `began at offset ${began}, and the gateway does not say where one must begin`
    : `began at offset ${began}, but revocations in force lie from ${low} on: records of ` +
      'auth.revocations were deleted; not fresh until the gateways have told them again'
