import { defineComplexType } from './define.ts'
import { deviceAndAppManagementAssignmentSource } from './enumerations.ts'

/** Whether a payload is linked to anything, as the action hasPayloadLinks tells. */
export const hasPayloadLinkResultItem = defineComplexType({
  name: 'hasPayloadLinkResultItem',
  description: 'Whether a payload is assigned.',
  properties: {
    payloadId: { type: 'Edm.String', nullable: true, description: 'Id of the payload.' },
    hasLink: { type: 'Edm.Boolean', nullable: true, description: 'Whether it has an assignment.' },
    error: { type: 'Edm.String', nullable: true, description: 'What went wrong; empty where nothing did.' },
    sources: {
      type: deviceAndAppManagementAssignmentSource,
      collection: true,
      description: 'Where its assignments come from.',
    },
  },
})
