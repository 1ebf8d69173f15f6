"""Why a template can't be deployed."""


class TemplateError(ValueError):
    """The template, or a parameter, is wrong or asks for something the sandbox doesn't do; the text names it."""
