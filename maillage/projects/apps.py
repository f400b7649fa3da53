from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Projects."""

    name = "maillage.projects"
    label = "projects"
    verbose_name = "Projets"
