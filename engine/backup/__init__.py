"""`vaxel backup` and `vaxel restore`: everything that one Vaxel knows, in one file.

The file is a gzipped tar that standard tools open; its last member, SHA256SUMS, lists the sums of all others.

    about.json        what it is: format, version, when, through which journal entry
    config/...        the configuration folder
    data/history/     the history, where it is kept in SQLite
    store.rdb         Redis at one moment: journal, snapshots, personal values, directory
    data/archive/     older journal
    data/refused/     entries that no leader could write
    data/recordings/  what people said; prompts recorded by telephone
    data/content/     letters and their attachments
    data/edge/        the phones' digest hashes
    data/tokens.json  hashes of the API's tokens
    data/accounts.json  who signs in

The history comes before Redis, so that it never knows more than the journal; Redis before the archive: what is trimmed
off the journal meanwhile is in the archive before it leaves Redis, so nothing falls between the two
(docs/decisions/0024).
"""
