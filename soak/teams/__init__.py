"""Many teams in one organization: everybody's access to every model, by the documents as they are rendered."""
