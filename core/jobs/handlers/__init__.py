"""What each kind of job does: joins the pure functions to the files of a job's folder."""
