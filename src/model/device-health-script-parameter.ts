import { defineComplexType } from './define.ts'

/** What a health script is told when it runs. */
export const deviceHealthScriptParameter = defineComplexType({
  name: 'deviceHealthScriptParameter',
  description: 'Base of the parameters of a health script.',
  properties: {
    name: { type: 'Edm.String', nullable: true, description: 'Name of the parameter.' },
    description: { type: 'Edm.String', nullable: true, description: 'What the parameter is for.' },
    isRequired: { type: 'Edm.Boolean', default: false, description: 'Whether it must be given.' },
    applyDefaultValueWhenNotAssigned: {
      type: 'Edm.Boolean',
      default: false,
      description: 'Whether the default value stands where none is given.',
    },
  },
  derived: [
    {
      name: 'deviceHealthScriptStringParameter',
      description: 'A parameter that is a text.',
      properties: {
        defaultValue: { type: 'Edm.String', nullable: true, description: 'The default value.' },
      },
    },
    {
      name: 'deviceHealthScriptIntegerParameter',
      description: 'A parameter that is a whole number.',
      properties: { defaultValue: { type: 'Edm.Int32', default: 0, description: 'The default value.' } },
    },
    {
      name: 'deviceHealthScriptBooleanParameter',
      description: 'A parameter that is true or false.',
      properties: {
        defaultValue: { type: 'Edm.Boolean', default: false, description: 'The default value.' },
      },
    },
  ],
})
