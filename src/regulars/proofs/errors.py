"""What a checker refuses to read."""

from regulars.kit.errors import InvalidInput


class DocumentUnusable(InvalidInput):
    """A statement, checkpoint or key that is not in the published form."""

    code = "proof_document_unusable"
