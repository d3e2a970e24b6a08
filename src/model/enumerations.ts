import { defineEnumeration } from './define.ts'

/** In whose name a script runs. */
export const runAsAccountType = defineEnumeration({
  name: 'runAsAccountType',
  members: { system: 0, user: 1 },
})

/** The type of value that a custom attribute's script prints. */
export const deviceCustomAttributeValueType = defineEnumeration({
  name: 'deviceCustomAttributeValueType',
  members: { integer: 0, string: 1, dateTime: 2 },
})
