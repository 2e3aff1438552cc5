//! Images with labels.

use std::fmt;

use super::Images;
use crate::error::{Error, Result};

/// Images and the label of each.
#[derive(Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The images.
    pub images: Images,
    /// The labels, one for each image, in the same order.
    pub labels: Vec<u8>,
}

impl Labelled {
    /// Puts images and labels together.
    ///
    /// `name` names the set in an error.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] when there are not as many labels as images.
    ///
    /// # Example
    ///
    /// ```
    /// use burn_bayes::data::{Images, Labelled};
    ///
    /// let images = Images::new(1, 2, vec![0, 255, 7, 8], "example")?;
    /// let labelled = Labelled::new(images.clone(), vec![3, 1], "example")?;
    /// assert_eq!(labelled.len(), 2);
    /// assert!(Labelled::new(images, vec![3], "example").is_err());
    /// # Ok::<(), burn_bayes::error::Error>(())
    /// ```
    pub fn new(images: Images, labels: Vec<u8>, name: &str) -> Result<Self> {
        if images.len() != labels.len() {
            return Err(Error::Data {
                name: name.into(),
                problem: format!(
                    "expected one label for each image, found {} images and {} labels",
                    images.len(),
                    labels.len()
                ),
                cure: "give the images and the labels of the same set".into(),
            });
        }
        Ok(Self { images, labels })
    }

    /// The number of images, which is also the number of labels.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

// Thousands of labels would drown the message they appear in.
impl fmt::Debug for Labelled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Labelled")
            .field("images", &self.images)
            .finish_non_exhaustive()
    }
}
