"""Large contents on disk: what mails and attachments consist of."""
