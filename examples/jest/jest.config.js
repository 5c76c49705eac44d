const { withServers } = require('wso2-launch/jest');

// The home is that of APIM_HOME; `home` names another one.
module.exports = withServers({ apim: { offset: 'auto' } }, { testEnvironment: 'node' });
